// Without WASI, in under a kilobyte: the host calls _initialize, then run.
package main

//go:wasmimport env main.incrementCount
func incrementCount()

//go:wasmimport env main.getCount
func getCount() int32

//go:wasmexport run
func run() int32 {
	for i := 0; i < 10; i++ {
		incrementCount()
	}
	return getCount()
}

func main() {}
