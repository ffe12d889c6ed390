"""What is measured in a Kubernetes of our own: modules, each run as a process in a network that nobody else is on."""
