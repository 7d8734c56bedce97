extern "env" fn @"main.incrementCount"() void;
extern "env" fn @"main.getCount"() i32;

export fn run() i32 {
    for (0..10) |_| @"main.incrementCount"();
    return @"main.getCount"();
}
