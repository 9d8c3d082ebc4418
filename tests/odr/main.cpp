// SPDX-License-Identifier: MIT
// Links two translation units that each include every header: nothing may be defined twice.
int forwards();
int backwards();

int main() {
    return forwards() == backwards() ? 0 : 1;
}
