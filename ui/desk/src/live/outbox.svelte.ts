// Messages and notes that wait to be sent. Filled by the composer; sent one after another, kept while the line is down
// and across a reload, and the server answers the same to the same client id, so trying again is always safe.
export interface Waiting { client_id: string; case_id: string; conversation_id: string | null; body: string; attachments: { id: string; name: string; media_type: string; size: number }[]; at: string; state: 'pending' | 'sending' | 'failed'; error?: string }
export const outbox = $state<{ waiting: Waiting[] }>({ waiting: [] });
