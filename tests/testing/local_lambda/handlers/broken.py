"""Its init code fails."""

raise ImportError("a_module_that_nobody_has")
