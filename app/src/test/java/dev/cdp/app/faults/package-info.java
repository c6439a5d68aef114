/**
 * Stops, kills and pauses the product under load and compares its archive with witnesses that do not trust it. Read
 * {@link dev.cdp.app.faults.CrashIT} first.
 */
package dev.cdp.app.faults;
