/** The house rules, as tests: boundaries of modules and libraries, sizes of files, names in documents. */
@NullMarked
package dev.cdp.app.house;

import org.jspecify.annotations.NullMarked;
