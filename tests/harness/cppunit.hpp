// CppUnit.
#pragma once

#ifdef FERRY_TEST_WITHOUT_CPPUNIT
#include "builds/without_cppunit.hpp"
#else
#include <cppunit/Exception.h>
#include <cppunit/TestAssert.h>
#include <cppunit/TestCase.h>
#include <cppunit/TestFailure.h>
#include <cppunit/TestListener.h>
#include <cppunit/TestResult.h>
#include <cppunit/extensions/TestFactory.h>
#include <cppunit/extensions/TestFactoryRegistry.h>
#endif
