/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { compareDatetime } from "@mail/utils/common/misc";
import { serializeDateTime } from "@web/core/l10n/dates";

/** Where mail can stand: other threads are core's. */
export const LINKED_MODELS = ["crm.lead", "res.partner"];

const dateOf = (message) => message.date || message.create_date;

/** The order of a thread that is by date, oldest first. */
export function compareByDate(one, other) {
    return compareDatetime(dateOf(one), dateOf(other)) || one.id - other.id;
}

/** A message's place in that order, as the server reads it. */
export function positionOf(message) {
    return [serializeDateTime(dateOf(message)), message.id];
}
