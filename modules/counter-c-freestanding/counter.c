__attribute__((import_module("env"), import_name("main.incrementCount"))) void increment_count(void);
__attribute__((import_module("env"), import_name("main.getCount"))) int get_count(void);

__attribute__((export_name("run"))) int run(void) {
    for (int i = 0; i < 10; i++) increment_count();
    return get_count();
}
