#include <stdio.h>

__attribute__((import_module("env"), import_name("main.incrementCount"))) void increment_count(void);
__attribute__((import_module("env"), import_name("main.getCount"))) int get_count(void);

int main(void) {
    for (int i = 0; i < 10; i++) increment_count();
    printf("%d\n", get_count());
    return 0;
}
