// The test runner. Each library has its own program; scripts/test runs them all.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
