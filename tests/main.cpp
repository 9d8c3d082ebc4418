// SPDX-License-Identifier: MIT
// The main of every test program. A filter that matches no test case is a failure: ctest must not call that passed.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>

namespace {

unsigned cases_run = 0;

struct case_counter : doctest::IReporter {
    explicit case_counter(const doctest::ContextOptions&) {}
    void test_run_end(const doctest::TestRunStats& run) override { cases_run = run.numTestCasesPassingFilters; }
    void report_query(const doctest::QueryData&) override {}
    void test_run_start() override {}
    void test_case_start(const doctest::TestCaseData&) override {}
    void test_case_reenter(const doctest::TestCaseData&) override {}
    void test_case_end(const doctest::CurrentTestCaseStats&) override {}
    void test_case_exception(const doctest::TestCaseException&) override {}
    void subcase_start(const doctest::SubcaseSignature&) override {}
    void subcase_end() override {}
    void log_assert(const doctest::AssertData&) override {}
    void log_message(const doctest::MessageData&) override {}
    void test_case_skipped(const doctest::TestCaseData&) override {}
};
REGISTER_LISTENER("case_counter", 1, case_counter);

} // namespace

int main(int count, char** words) {
    doctest::Context context(count, words);
    const int result = context.run();
    if (context.shouldExit()) { // a question such as --list-test-cases was answered
        return result;
    }
    if (cases_run == 0) {
        std::fputs("no test case matches; a name with ';' or half a bracket cannot be listed by ctest\n", stderr);
        return 1;
    }
    return result;
}
