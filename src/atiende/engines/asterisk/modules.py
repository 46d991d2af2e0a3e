"""The modules that Asterisk loads: these and no others. Called by `configure` and `unpack`.

A module that is not loaded cannot be attacked, and needs no library. Order within a group does
not matter: Asterisk orders by dependency. What each group is for stands beside it.
"""

#: Group -> the modules' names, without `.so`.
GROUPS: dict[str, str] = {
    "timing, configuration, sockets": (
        "res_timing_timerfd res_sorcery_config res_sorcery_memory res_sorcery_astdb res_crypto "
        "res_pjproject res_http_websocket res_websocket_client"
    ),
    "codecs and formats": (
        "codec_alaw codec_ulaw codec_g722 codec_gsm codec_resample codec_opus_open_source "
        "res_format_attr_opus format_pcm format_sln format_wav format_gsm "
        "format_ogg_opus_open_source"
    ),
    "media": (
        "res_rtp_asterisk res_srtp res_musiconhold bridge_simple bridge_softmix bridge_holding "
        "bridge_native_rtp bridge_builtin_features chan_bridge_media res_rtp_multicast chan_rtp "
        "chan_websocket chan_audiosocket res_audiosocket app_mixmonitor app_chanspy "
        "res_stun_monitor"
    ),
    # Without the anonymous identifier: whoever is neither a known name nor a known address gets
    # a challenge that no password answers.
    "SIP": (
        "res_pjsip res_pjsip_session res_pjsip_sdp_rtp res_pjsip_registrar "
        "res_pjsip_authenticator_digest res_pjsip_outbound_authenticator_digest "
        "res_pjsip_outbound_registration res_pjsip_endpoint_identifier_ip "
        "res_pjsip_endpoint_identifier_user res_pjsip_transport_websocket res_pjsip_nat "
        "res_pjsip_caller_id res_pjsip_diversion res_pjsip_header_funcs res_pjsip_rfc3326 "
        "res_pjsip_rfc3329 res_pjsip_dtmf_info res_pjsip_acl res_pjsip_logger res_pjsip_refer "
        "res_pjsip_pubsub res_pjsip_dlg_options res_pjsip_path res_pjsip_maintenance "
        "res_pjsip_empty_info func_pjsip_endpoint func_pjsip_contact func_pjsip_aor chan_pjsip"
    ),
    "dialplan": (
        "pbx_config app_dial app_playback app_stack app_echo app_amd app_verbose app_transfer "
        "app_talkdetect app_record app_senddtmf app_read app_milliwatt func_talkdetect "
        "func_callerid func_channel func_logic func_strings func_global func_timeout "
        "func_hangupcause func_volume func_jitterbuffer func_cut func_groupcount func_uri "
        "func_periodic_hook func_uuid"
    ),
    "control by our application": (
        "res_stasis app_stasis res_stasis_answer res_stasis_playback res_stasis_recording "
        "res_stasis_snoop res_stasis_device_state res_ari_model res_ari res_ari_applications "
        "res_ari_asterisk res_ari_bridges res_ari_channels res_ari_device_states "
        "res_ari_endpoints res_ari_events res_ari_playbacks res_ari_recordings res_ari_sounds"
    ),
}
MODULES: tuple[str, ...] = tuple(name for names in GROUPS.values() for name in names.split())
