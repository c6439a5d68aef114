/** What tests did to the product on purpose, and what came of it: results are recorded, added up and printed. */
@NullMarked
package dev.cdp.testkit.faults;

import org.jspecify.annotations.NullMarked;
