// Most of these tests wait for one program that they started. What counts processes, objects or builds of this very checkout says that it is not parallelizable.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(3)]
