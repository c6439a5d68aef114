/**
 * Defects that are put into the product on purpose, one at a time, to see that its tests would find them. In comes the
 * product's bytecode; out goes a patched class file that stands before it on the class path of one test. The product
 * itself knows nothing of this. Read {@link dev.cdp.testkit.mutation.Defect} first, then {@link
 * dev.cdp.testkit.mutation.Defects}.
 */
@NullMarked
package dev.cdp.testkit.mutation;

import org.jspecify.annotations.NullMarked;
