"""The whole API on one page: method, path, handler, permission.

PUBLIC = anybody; SESSION = anybody logged in; else the permission somebody must hold in some scope
to come in at all. Handlers ask the scope of each object themselves. A test walks this table.
"""

from collections.abc import Callable
from typing import Any

from atiende.accounts import api as accounts
from atiende.accounts import api_archive as archive
from atiende.accounts import api_channels as channels
from atiende.accounts import api_organisation as organisation
from atiende.accounts import api_security as security
from atiende.accounts import channel_account
from atiende.calls import api as calls
from atiende.calls import api_cut as cut
from atiende.calls import api_dial as dial
from atiende.calls import api_supervise as supervise
from atiende.calls import api_trunks as trunks
from atiende.campaigns import api as campaigns
from atiende.cases import api as cases
from atiende.cases import api_files as files
from atiende.customers import api as customers
from atiende.knowledge import api as knowledge
from atiende.prompts import api as prompts
from atiende.recordings import api as recordings
from atiende.recordings import api_policies as policies
from atiende.routing import api as routing
from atiende.routing.admin import people, queues, setup
from atiende.web import trial
from atiende.web.gate import PUBLIC, SESSION
from atiende.web.reference import get_openapi, get_reference

#: What may be archived in the administration, by the list's own address.
ARCHIVES = (
    ("sites", organisation.SITE),
    ("teams", organisation.TEAM),
    ("skills", organisation.SKILL),
    ("hours", organisation.HOURS),
    ("pause-reasons", organisation.PAUSE),
    ("channel-accounts", channel_account.ACCOUNT),
    ("queues", queues.QUEUE),
    ("routing-profiles", queues.PROFILE),
    ("campaigns", campaigns.CAMPAIGN),
    ("disposition-sets", campaigns.SET),
    ("quick-replies", knowledge.REPLY),
    ("recording-policies", policies.POLICY),
    ("trunks", trunks.TRUNK),
    ("prompts", prompts.PROMPT),
)
Line = tuple[str, str, Callable[..., Any], str]

ROUTES: list[Line] = [
    # Who am I
    ("GET", "/api/public", accounts.public, PUBLIC),
    ("POST", "/api/login", accounts.login, PUBLIC),
    ("POST", "/api/logout", accounts.logout, SESSION),
    ("GET", "/api/me", accounts.me, SESSION),
    ("PATCH", "/api/me", accounts.change_me, SESSION),
    ("POST", "/api/me/password", accounts.change_password, SESSION),
    ("POST", "/api/links/open", accounts.open_one_time_link, PUBLIC),
    ("POST", "/api/links/use", accounts.use_one_time_link, PUBLIC),
    ("GET", "/openapi.json", get_openapi, "api.read"),
    # The desk
    ("GET", "/api/reference", get_reference, SESSION),
    ("POST", "/api/presence", routing.post_presence, "desk.use"),
    ("POST", "/api/offers/{work_id}/accept", routing.post_accept, "desk.use"),
    ("POST", "/api/offers/{work_id}/reject", routing.post_reject, "desk.use"),
    ("GET", "/api/cases", cases.get_cases, "cases.search"),
    ("GET", "/api/cases/{case_id}", cases.get_case, "cases.read"),
    ("PATCH", "/api/cases/{case_id}", cases.patch_case, "cases.write"),
    ("GET", "/api/cases/{case_id}/timeline", cases.get_timeline, "cases.read"),
    ("GET", "/api/cases/{case_id}/history", cases.get_history, "cases.read"),
    ("POST", "/api/cases/{case_id}/notes", cases.post_note, "cases.write"),
    ("POST", "/api/cases/{case_id}/transfer", routing.post_transfer, "cases.write"),
    ("POST", "/api/cases/{case_id}/pull", routing.post_pull, "desk.use"),
    ("POST", "/api/cases/{case_id}/end", cases.post_end, "cases.write"),
    ("POST", "/api/cases/{case_id}/dispose", cases.post_outcome, "cases.write"),
    ("POST", "/api/cases/{case_id}/extend-wrapup", routing.post_extend, "desk.use"),
    ("PUT", "/api/cases/{case_id}/drafts/{mode}", cases.put_case_draft, "desk.use"),
    ("GET", "/api/drafts", cases.get_drafts, "desk.use"),
    ("POST", "/api/conversations/{conversation_id}/messages", cases.post_message, "cases.write"),
    ("POST", "/api/conversations/{conversation_id}/read", cases.post_read, "cases.read"),
    ("POST", "/api/conversations/{conversation_id}/typing", cases.post_typing, "cases.write"),
    ("POST", "/api/uploads", files.post_upload, "cases.write"),
    ("GET", "/api/attachments/{attachment_id}", files.get_attachment, "cases.read"),
    ("GET", "/api/customers/{customer_id}", customers.get_customer, "customers.read"),
    ("PATCH", "/api/customers/{customer_id}", customers.patch_customer, "customers.write"),
    ("GET", "/api/search", cases.get_search, "cases.read"),
    # Calls
    ("POST", "/api/phone", calls.post_phone, SESSION),
    ("POST", "/api/calls", dial.post_call, "calls.place"),
    ("POST", "/api/calls/{interaction}/hold", calls.post_hold, "desk.use"),
    ("POST", "/api/calls/{interaction}/resume", calls.post_resume, "desk.use"),
    ("POST", "/api/calls/{interaction}/mute", calls.post_mute, "desk.use"),
    ("POST", "/api/calls/{interaction}/hangup", calls.post_hangup, "desk.use"),
    ("POST", "/api/calls/{interaction}/rejoin", calls.post_rejoin, "desk.use"),
    ("POST", "/api/calls/{interaction}/recording", calls.post_recording, "desk.use"),
    ("GET", "/api/cases/{case_id}/recordings", recordings.get_recordings, "cases.read"),
    ("POST", "/api/recordings/{id}/listens", recordings.post_listen, "recordings.listen"),
    ("GET", "/api/recordings/{id}/audio", recordings.get_audio, "recordings.listen"),
    ("POST", "/api/calls/{interaction}/listen", supervise.post_listen, supervise.PERMISSION),
    ("POST", "/api/listening/leave", supervise.post_leave, supervise.PERMISSION),
    ("GET", "/api/calls/cut", cut.get_cut, "cases.read"),
    ("GET", "/api/listening", supervise.get_listening, supervise.PERMISSION),
    # The floor
    ("GET", "/api/floor", routing.get_floor, "floor.watch"),
    ("GET", "/api/floor/work", routing.get_floor_work, "floor.watch"),
    ("POST", "/api/agents/{agent_id}/presence", routing.force_presence, "floor.act"),
    ("POST", "/api/agents/{agent_id}/logout", routing.log_out_agent, "floor.act"),
    ("POST", "/api/work/{work_id}/move", routing.move_work, "floor.act"),
    # First steps and administration
    ("GET", "/api/setup", setup.get_setup, "company.manage"),
    ("POST", "/api/setup/company", setup.company, "company.manage"),
    ("POST", "/api/setup/team", setup.team, "company.manage"),
    ("POST", "/api/setup/queue", setup.queue, "company.manage"),
    ("POST", "/api/setup/channel", setup.channel, "company.manage"),
    ("POST", "/api/setup/finish", setup.finish, "company.manage"),
    ("GET", "/api/admin/organisation", organisation.get_organisation, "company.manage"),
    ("PATCH", "/api/admin/organisation", organisation.change_organisation, "company.manage"),
    ("GET", "/api/admin/sites", organisation.list_sites, "company.manage"),
    ("POST", "/api/admin/sites", organisation.create_site, "company.manage"),
    ("PATCH", "/api/admin/sites/{id}", organisation.change_site, "company.manage"),
    ("DELETE", "/api/admin/sites/{id}", organisation.archive_site, "company.manage"),
    ("GET", "/api/admin/teams", organisation.list_teams, "teams.manage"),
    ("POST", "/api/admin/teams", organisation.create_team, "teams.manage"),
    ("PATCH", "/api/admin/teams/{id}", organisation.change_team, "teams.manage"),
    ("DELETE", "/api/admin/teams/{id}", organisation.archive_team, "teams.manage"),
    ("GET", "/api/admin/skills", organisation.list_skills, "skills.manage"),
    ("POST", "/api/admin/skills", organisation.create_skill, "skills.manage"),
    ("PATCH", "/api/admin/skills/{id}", organisation.change_skill, "skills.manage"),
    ("DELETE", "/api/admin/skills/{id}", organisation.archive_skill, "skills.manage"),
    ("GET", "/api/admin/hours", organisation.list_hours, "hours.manage"),
    ("POST", "/api/admin/hours", organisation.create_hours, "hours.manage"),
    ("PATCH", "/api/admin/hours/{id}", organisation.change_hours, "hours.manage"),
    ("DELETE", "/api/admin/hours/{id}", organisation.archive_hours, "hours.manage"),
    ("GET", "/api/admin/pause-reasons", organisation.list_pauses, "pauses.manage"),
    ("POST", "/api/admin/pause-reasons", organisation.create_pause, "pauses.manage"),
    ("PATCH", "/api/admin/pause-reasons/{id}", organisation.change_pause, "pauses.manage"),
    ("DELETE", "/api/admin/pause-reasons/{id}", organisation.archive_pause, "pauses.manage"),
    ("GET", "/api/admin/roles", security.list_roles, "roles.manage"),
    ("POST", "/api/admin/roles", security.create_role, "roles.manage"),
    ("PATCH", "/api/admin/roles/{id}", security.change_role, "roles.manage"),
    ("DELETE", "/api/admin/roles/{id}", security.archive_role, "roles.manage"),
    ("GET", "/api/admin/audit", security.audit, "audit.read"),
    ("GET", "/api/admin/channel-accounts", channels.list_accounts, "channels.manage"),
    ("POST", "/api/admin/channel-accounts", channels.create_account, "channels.manage"),
    ("PATCH", "/api/admin/channel-accounts/{id}", channels.change_account, "channels.manage"),
    ("DELETE", "/api/admin/channel-accounts/{id}", channels.archive_account, "channels.manage"),
    ("POST", "/api/admin/channel-accounts/{id}/secret", channels.new_secret, "channels.manage"),
    ("GET", "/api/admin/trials", trial.list_trials, "channels.manage"),
    ("POST", "/api/admin/trials", trial.start_trial, "channels.manage"),
    ("DELETE", "/api/admin/trials/{id}", trial.stop_trial, "channels.manage"),
    ("GET", "/api/admin/trunks", trunks.list_trunks, "channels.manage"),
    ("POST", "/api/admin/trunks", trunks.create_trunk, "channels.manage"),
    ("PATCH", "/api/admin/trunks/{id}", trunks.change_trunk, "channels.manage"),
    ("DELETE", "/api/admin/trunks/{id}", trunks.archive_trunk, "channels.manage"),
    ("POST", "/api/admin/trunks/{id}/test", trunks.test_trunk, "channels.manage"),
    ("GET", "/api/admin/users", people.list_users, "users.manage"),
    ("POST", "/api/admin/users", people.create_user, "users.manage"),
    ("PATCH", "/api/admin/users/{id}", people.change_user, "users.manage"),
    ("POST", "/api/admin/users/{id}/link", people.make_user_link, "users.manage"),
    ("POST", "/api/admin/users/{id}/disable", people.disable_user, "users.manage"),
    ("POST", "/api/admin/users/{id}/enable", people.enable_user, "users.manage"),
    ("POST", "/api/admin/users/{id}/unlock", people.unlock_user, "users.manage"),
    ("GET", "/api/admin/prompts", prompts.list_prompts, "channels.manage"),
    ("POST", "/api/admin/prompts", prompts.create_prompt, "channels.manage"),
    ("PATCH", "/api/admin/prompts/{id}", prompts.change_prompt, "channels.manage"),
    ("DELETE", "/api/admin/prompts/{id}", prompts.archive_prompt, "channels.manage"),
    ("GET", "/api/admin/prompts/{id}/audio", prompts.get_audio, "channels.manage"),
    ("GET", "/api/admin/sentences/{language}/{name}", prompts.get_sentence, "channels.manage"),
    ("GET", "/api/admin/recording-policies", policies.list_policies, "recordings.manage"),
    ("POST", "/api/admin/recording-policies", policies.create_policy, "recordings.manage"),
    ("PATCH", "/api/admin/recording-policies/{id}", policies.change_policy, "recordings.manage"),
    ("DELETE", "/api/admin/recording-policies/{id}", policies.archive_policy, "recordings.manage"),
    ("GET", "/api/admin/queues", queues.list_queues, "queues.manage"),
    ("POST", "/api/admin/queues", queues.create_queue, "queues.manage"),
    ("PATCH", "/api/admin/queues/{id}", queues.change_queue, "queues.manage"),
    ("DELETE", "/api/admin/queues/{id}", queues.archive_queue, "queues.manage"),
    ("GET", "/api/admin/routing-profiles", queues.list_profiles, "profiles.manage"),
    ("POST", "/api/admin/routing-profiles", queues.create_profile, "profiles.manage"),
    ("PATCH", "/api/admin/routing-profiles/{id}", queues.change_profile, "profiles.manage"),
    ("DELETE", "/api/admin/routing-profiles/{id}", queues.archive_profile, "profiles.manage"),
    ("GET", "/api/admin/campaigns", campaigns.list_campaigns, "campaigns.manage"),
    ("POST", "/api/admin/campaigns", campaigns.create_campaign, "campaigns.manage"),
    ("PATCH", "/api/admin/campaigns/{id}", campaigns.change_campaign, "campaigns.manage"),
    ("DELETE", "/api/admin/campaigns/{id}", campaigns.archive_campaign, "campaigns.manage"),
    ("GET", "/api/admin/disposition-sets", campaigns.list_sets, "dispositions.manage"),
    ("POST", "/api/admin/disposition-sets", campaigns.create_set, "dispositions.manage"),
    ("PATCH", "/api/admin/disposition-sets/{id}", campaigns.change_set, "dispositions.manage"),
    ("DELETE", "/api/admin/disposition-sets/{id}", campaigns.archive_set, "dispositions.manage"),
    ("GET", "/api/admin/disposition-templates", campaigns.list_templates, "dispositions.manage"),
    ("GET", "/api/admin/quick-replies", knowledge.list_quick_replies, "quick_replies.manage"),
    ("POST", "/api/admin/quick-replies", knowledge.create_quick_reply, "quick_replies.manage"),
    (
        "PATCH",
        "/api/admin/quick-replies/{id}",
        knowledge.change_quick_reply,
        "quick_replies.manage",
    ),
    (
        "DELETE",
        "/api/admin/quick-replies/{id}",
        knowledge.archive_quick_reply,
        "quick_replies.manage",
    ),
]
for _path, _kind in ARCHIVES:
    _at = f"/api/admin/{_path}"
    ROUTES += [
        ("GET", f"{_at}/archived", archive.archived_of(_kind), _kind.permission),
        ("POST", f"{_at}/{{id}}/restore", archive.restore_of(_kind), _kind.permission),
    ]
