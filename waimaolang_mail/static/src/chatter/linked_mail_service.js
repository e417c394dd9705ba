/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import "@mail/core/common/thread_model";
import { registry } from "@web/core/registry";

/** Open chatters look for new mail when the server says that some was linked: which
 * mail is not told, since not everybody may know. */
export const linkedMailService = {
    dependencies: ["bus_service", "mail.store"],
    start(env, { bus_service: bus, "mail.store": store }) {
        bus.subscribe("waimaolang_mail/linked", ({ threads }) => {
            for (const [model, id] of threads) {
                store.Thread.get({ model, id })?.onLinkedMail();
            }
        });
        bus.start();
    },
};

registry.category("services").add("waimaolang_mail.linked_mail", linkedMailService);
