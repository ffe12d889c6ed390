// Command cluster is a Kubernetes control plane in one binary: the real servers, linked as libraries.
// Its first argument names the server, the rest are that server's own flags.
//
//	cluster etcd | kube-apiserver | kube-controller-manager | coredns FLAG...
//	cluster compact ENDPOINT
//
// A server ends when its standard input does: whoever started it holds the other end of a pipe, and
// so it cannot outlive them.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	_ "github.com/coredns/coredns/core/plugin"
	"github.com/coredns/coredns/coremain"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
)

var servers = map[string]func(){
	"etcd":                    func() { etcdmain.Main(os.Args) },
	"kube-apiserver":          func() { os.Exit(cli.Run(apiserver.NewAPIServerCommand())) },
	"kube-controller-manager": func() { os.Exit(cli.Run(controllermanager.NewControllerManagerCommand())) },
	"coredns":                 coremain.Run,
}

func main() {
	// The servers read os.Args themselves, as if each were a program of its own.
	os.Args = os.Args[1:]
	if len(os.Args) == 2 && os.Args[0] == "compact" {
		if err := compact(os.Args[1]); err != nil {
			fail(1, err)
		}
	} else if len(os.Args) > 0 && servers[os.Args[0]] != nil {
		go func() {
			io.Copy(io.Discard, os.Stdin)
			fail(1, "standard input is closed")
		}()
		servers[os.Args[0]]()
	} else {
		fail(2, "usage: cluster etcd|kube-apiserver|kube-controller-manager|coredns FLAG... or cluster compact ENDPOINT")
	}
}

// compact makes etcd forget its history up to now, so that a watch from an older revision is refused.
func compact(endpoint string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{endpoint}})
	if err != nil {
		return err
	}
	defer client.Close()
	// There is no such key, but every answer says which revision is the current one.
	answer, err := client.Get(ctx, "no such key")
	if err != nil {
		return err
	}
	_, err = client.Compact(ctx, answer.Header.Revision, clientv3.WithCompactPhysical())
	return err
}

func fail(status int, reason any) {
	fmt.Fprintln(os.Stderr, reason)
	os.Exit(status)
}
