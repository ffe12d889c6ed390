"""One file or folder a scheme family: a pure check of the target, and the I/O if there is any."""
