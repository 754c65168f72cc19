// A rule of the engine, as Finrst.explain() tells it.
package dev.finrst;

/**
 * A rule of the engine: what it says, and why it decides so.
 *
 * @param id its name, which a {@link Verdict} tells
 * @param title what happens
 * @param why the reason
 */
public record Rule(String id, String title, String why) {}
