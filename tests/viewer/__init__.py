"""The page's own logic, under node's test runner; see `test_node`."""
