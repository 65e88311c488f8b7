"""The screen: a sweep is opened in the browser, touched, and saved. Imported by ``postfocus open`` alone."""
