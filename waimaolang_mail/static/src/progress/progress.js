/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component, onWillUnmount, useEffect } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatInteger } from "@web/views/fields/formatters";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const { DateTime } = luxon;
const POLL_MILLISECONDS = 2000;

/** The import as "n of m" with the time that is left, followed while it runs. */
export class WaimaolangProgress extends Component {
    static template = "waimaolang_mail.Progress";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        useEffect(
            () => {
                if (this.isRunning || this.isDue) {
                    this.timer = setTimeout(() => this.refresh(), POLL_MILLISECONDS);
                }
                return () => clearTimeout(this.timer);
            },
            () => [
                this.data.done_count,
                this.data.pending_count,
                this.data.state,
                this.data.history_paused,
                this.data.next_sync?.ts,
                this.tick,
            ]
        );
        onWillUnmount(() => {
            this.gone = true;
        });
    }

    get data() {
        return this.props.record.data;
    }

    get isShown() {
        return (
            this.data.state === "connected" &&
            (this.data.pending_count > 0 || !this.data.last_sync)
        );
    }

    get isRunning() {
        return this.isShown && !this.data.history_paused;
    }

    /** Somebody pressed "Fetch Now", or it is time: a lane will be at it in a moment. */
    get isDue() {
        const { state, next_sync: next } = this.data;
        return state === "connected" && next && next <= DateTime.now();
    }

    get percent() {
        const { done_count: done, total_count: total } = this.data;
        return total ? Math.floor((100 * done) / total) : 0;
    }

    get countText() {
        const { done_count: done, total_count: total } = this.data;
        return _t("%(done)s of %(total)s", {
            done: formatInteger(done),
            total: formatInteger(total),
        });
    }

    async act(method) {
        await this.orm.call(this.props.record.resModel, method, [
            [this.props.record.resId],
        ]);
        await this.refresh();
    }

    async refresh() {
        // what somebody is typing must not be thrown away by a reload
        if (!(await this.props.record.isDirty())) {
            await this.props.record.load();
        }
        if (!this.gone) {
            this.tick = (this.tick || 0) + 1;
            this.render();
        }
    }
}

registry.category("view_widgets").add("waimaolang_progress", {
    component: WaimaolangProgress,
});
