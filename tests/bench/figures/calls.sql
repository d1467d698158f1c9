-- A year of calls for figure 7. :calls of them from :first (epoch) on, one each :every seconds, to :customers.

CREATE TEMP TABLE made AS
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :calls)
SELECT
    i,
    printf('bench0-%d-1-t%x', i + 1, i) AS attempt,
    printf('C%07d', (i * 7919) % :customers) AS customer,
    printf('139%08d', (i * 7919) % :customers) AS number,
    printf('%04d', i % 60) AS agent,
    strftime('%Y-%m-%d', :first + i * :every, 'unixepoch') AS day,
    strftime('%Y-%m-%dT%H:%M:%S', :first + i * :every, 'unixepoch') || '.000000Z' AS placed,
    strftime('%Y-%m-%dT%H:%M:%S', :first + i * :every + 9, 'unixepoch') || '.000000Z' AS answered,
    strftime('%Y-%m-%dT%H:%M:%S', :first + i * :every + 200, 'unixepoch') || '.000000Z' AS ended
FROM n;

INSERT INTO visits (
    id, day, list_name, customer, number, "order", agent, state, first, round, counted, attempts, failures, ended_at,
    last, result, shared, doubtful, reason, shop_name, person, address, licence, category, settlement, quota,
    account_manager, department, phone, last_order, remarks, extra
)
SELECT
    i + 1, day, 'main', customer, number, i, agent, 'reached', 0, 1, 0, 1, 0, ended,
    'connected', 'ordered', 0, 0, '', '红山区便利店' || i, '王', '文明路' || i || '号', '1504', '三类', '电子结算', '30',
    '李', '第一营销部', number, '25条', '', '[]'
FROM made;

INSERT INTO attempts (
    id, visit, day, seq, round, customer, number, trunk, agent, placed_at, state, ringing_at, answered_at, connected_at,
    ended_at, disposition, counts, source, result, evidence
)
SELECT
    attempt, i + 1, day, 1, 1, customer, number, 'trunk', agent, placed, 'ended', placed, answered, answered,
    ended, 'connected', 0, 'an agent''s phone was bridged with the customer', 'ordered',
    '{"cause":16,"sip":200,"answered":true,"connected":true,"hung_up":true,"responded":true}'
FROM made;

INSERT INTO recordings (
    attempt, placed_at, state, taken_in_at, path, size, duration_s, sha256, channels, level_agent, level_customer,
    faults, hold, hold_reason
)
SELECT
    attempt, placed, 'kept', ended, day || '/' || attempt || '.wav', 6080000, 190.0, printf('%064x', i), 2, -22.5, -25.1,
    '[]', 0, ''
FROM made;

INSERT INTO orders (
    number, customer, at, source, attempt, open_question, candidates, quantity, amount, "by"
)
SELECT printf('DD%08d', i), customer, answered, 'order-system', attempt, '', '[]', '25', '4680', ''
FROM made
WHERE i % 2 = 0;
