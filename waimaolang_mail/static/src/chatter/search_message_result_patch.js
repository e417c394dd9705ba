/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { SearchMessageResult } from "@mail/core/common/search_message_result";
import { patch } from "@web/core/utils/patch";

patch(SearchMessageResult.prototype, {
    /** Core goes on below the smallest id. */
    onLoadMoreVisible() {
        const { messageSearch, thread } = this.props;
        if (thread?.byDate && messageSearch?.messages?.length) {
            messageSearch.search(messageSearch.messages.at(-1).id);
            return;
        }
        super.onLoadMoreVisible(...arguments);
    },
});
