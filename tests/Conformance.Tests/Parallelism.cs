// A fixture at a time on each processor: they share nothing but the machine. Those that look at what the whole process has
// (its children, its memory, the container engine) say NonParallelizable, and run when the others have ended.
[assembly: Parallelizable(ParallelScope.Fixtures)]
