"""One test for each trap that other libraries fell into; the number in a test's name is the trap's."""
