/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import "@mail/core/common/thread_model";
import { registry } from "@web/core/registry";

/** An answer from elsewhere completes a task: open chatters show it no longer. */
export const answersService = {
    dependencies: ["bus_service", "mail.store"],
    start(env, { bus_service: bus, "mail.store": store }) {
        bus.subscribe("waimaolang_tasks/answers", ({ threads = [] }) => {
            for (const [model, id] of threads) {
                const thread = store.Thread.get({ model, id });
                if (thread?.shownCount) {
                    thread.fetchThreadData(["activities"]);
                }
            }
        });
        bus.start();
    },
};

registry.category("services").add("waimaolang_tasks.answers", answersService);
