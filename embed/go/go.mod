module finrst.dev/go

go 1.22.0

require (
	github.com/tetratelabs/wazero v1.9.0
	golang.org/x/sys v0.30.0
)
