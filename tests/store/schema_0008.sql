BEGIN TRANSACTION;
CREATE TABLE accesses (
	id INTEGER NOT NULL, 
	at VARCHAR(27) NOT NULL, 
	who TEXT NOT NULL, 
	what TEXT NOT NULL, 
	attempt VARCHAR(64) NOT NULL, 
	address TEXT NOT NULL, 
	CONSTRAINT pk_accesses PRIMARY KEY (id)
);
INSERT INTO "accesses" VALUES(1,'2026-11-23T00:01:40.120003Z','主任','listen','abc123-2-1-k3','10.0.0.1');
CREATE TABLE agents (
	number VARCHAR(40) NOT NULL, 
	name TEXT NOT NULL, 
	extension TEXT NOT NULL, 
	team TEXT, 
	presence VARCHAR(24) NOT NULL, 
	since VARCHAR(27), 
	reason TEXT NOT NULL, 
	attempt VARCHAR(64), 
	after_call VARCHAR(24), 
	after_reason TEXT NOT NULL, 
	wrap_until VARCHAR(27), 
	CONSTRAINT pk_agents PRIMARY KEY (number), 
	CONSTRAINT ck_agents_presence CHECK (presence IN ('signed_out', 'ready', 'ringing', 'on_call', 'wrap_up', 'paused')), 
	CONSTRAINT ck_agents_after_call CHECK (after_call IN ('signed_out', 'ready', 'ringing', 'on_call', 'wrap_up', 'paused'))
);
INSERT INTO "agents" VALUES('A3','王芳','PJSIP/8003','A','on_call','2026-11-23T00:03:01.120003Z','','abc123-3-1-k3',NULL,'',NULL);
CREATE TABLE alarms (
	"key" VARCHAR(200) NOT NULL, 
	raised_at VARCHAR(27) NOT NULL, 
	text TEXT NOT NULL, 
	cleared_at VARCHAR(27), 
	CONSTRAINT pk_alarms PRIMARY KEY ("key", raised_at)
);
INSERT INTO "alarms" VALUES('link','2026-11-23T00:00:01.120003Z','lost','2026-11-23T00:00:02.120003Z');
INSERT INTO "alarms" VALUES('trunk:carrier','2026-11-23T00:00:03.120003Z','dead',NULL);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0008');
CREATE TABLE attempts (
	id VARCHAR(64) NOT NULL, 
	visit INTEGER NOT NULL, 
	day DATE NOT NULL, 
	seq INTEGER NOT NULL, 
	round INTEGER NOT NULL, 
	customer TEXT NOT NULL, 
	number VARCHAR(40) NOT NULL, 
	trunk TEXT NOT NULL, 
	agent VARCHAR(40) NOT NULL, 
	placed_at VARCHAR(27) NOT NULL, 
	state VARCHAR(24) NOT NULL, 
	ringing_at VARCHAR(27), 
	answered_at VARCHAR(27), 
	connected_at VARCHAR(27), 
	ended_at VARCHAR(27), 
	disposition VARCHAR(24), 
	counts BOOLEAN NOT NULL, 
	source TEXT NOT NULL, 
	result VARCHAR(24), 
	evidence JSON NOT NULL, 
	CONSTRAINT pk_attempts PRIMARY KEY (id), 
	CONSTRAINT ck_attempts_ended CHECK (state <> 'ended' OR (ended_at IS NOT NULL AND disposition IS NOT NULL)), 
	CONSTRAINT ck_attempts_seq CHECK (seq >= 1), 
	CONSTRAINT fk_attempts_visit FOREIGN KEY(visit) REFERENCES visits (id), 
	CONSTRAINT uq_attempts_visit_seq UNIQUE (visit, seq), 
	CONSTRAINT ck_attempts_state CHECK (state IN ('placed', 'ringing', 'answered', 'connected', 'unknown', 'ended')), 
	CONSTRAINT ck_attempts_disposition CHECK (disposition IN ('connected', 'abandoned', 'no_answer', 'busy', 'declined', 'unreachable', 'invalid_number', 'congestion', 'our_fault', 'cancelled', 'unknown'))
);
INSERT INTO "attempts" VALUES('abc123-1-1-k3',1,'2026-11-23',1,1,'C00001','13904700001','carrier','A1','2026-11-23T00:01:00.120003Z','ended','2026-11-23T00:01:02.120003Z',NULL,NULL,'2026-11-23T00:01:30.120003Z','no_answer',1,'Q.850 19',NULL,'{"cause":19,"sip":480,"dial_status":"","reason":3,"ringing":true,"progress":false,"answered":false,"connected":false,"agent_missed":false,"refused":false,"cancelled":false,"hung_up":true,"responded":true,"overslept":false,"rings_reported":true}');
INSERT INTO "attempts" VALUES('abc123-2-1-k3',2,'2026-11-23',1,1,'C00002','13904700002','carrier','A2','2026-11-23T00:01:00.120003Z','ended','2026-11-23T00:01:02.120003Z','2026-11-23T00:01:08.120003Z','2026-11-23T00:01:09.120003Z','2026-11-23T00:01:30.120003Z','connected',0,'Q.850 19','ordered','{"cause":19,"sip":480,"dial_status":"","reason":3,"ringing":true,"progress":false,"answered":false,"connected":false,"agent_missed":false,"refused":false,"cancelled":false,"hung_up":true,"responded":true,"overslept":false,"rings_reported":true}');
INSERT INTO "attempts" VALUES('abc123-3-1-k3',3,'2026-11-23',1,1,'C00003','13904700003','carrier','A3','2026-11-23T00:01:00.120003Z','placed',NULL,NULL,NULL,NULL,NULL,0,'',NULL,'{"cause":null,"sip":null,"dial_status":"","reason":null,"ringing":false,"progress":false,"answered":false,"connected":false,"agent_missed":false,"refused":false,"cancelled":false,"hung_up":false,"responded":false,"overslept":false,"rings_reported":true}');
INSERT INTO "attempts" VALUES('abc123-4-1-k3',4,'2026-11-23',1,1,'C00004','13904700004','carrier','A4','2026-11-23T00:01:00.120003Z','ended','2026-11-23T00:01:02.120003Z','2026-11-23T00:01:08.120003Z','2026-11-23T00:01:09.120003Z','2026-11-23T00:01:30.120003Z','connected',0,'Q.850 19',NULL,'{"cause":19,"sip":480,"dial_status":"","reason":3,"ringing":true,"progress":false,"answered":false,"connected":false,"agent_missed":false,"refused":false,"cancelled":false,"hung_up":true,"responded":true,"overslept":false,"rings_reported":true}');
INSERT INTO "attempts" VALUES('abc123-10-1-k3',10,'2026-11-23',1,1,'C00010','13904700010','carrier','A10','2026-11-23T00:01:00.120003Z','ended','2026-11-23T00:01:02.120003Z',NULL,NULL,'2026-11-23T00:01:30.120003Z','invalid_number',0,'SIP 404',NULL,'{"cause":19,"sip":480,"dial_status":"","reason":3,"ringing":true,"progress":false,"answered":false,"connected":false,"agent_missed":false,"refused":false,"cancelled":false,"hung_up":true,"responded":true,"overslept":false,"rings_reported":true}');
INSERT INTO "attempts" VALUES('abc123-11-1-k3',11,'2026-11-23',1,1,'C00011','13904700011','carrier','A11','2026-11-23T00:01:00.120003Z','ended','2026-11-23T00:01:02.120003Z','2026-11-23T00:01:08.120003Z','2026-11-23T00:01:09.120003Z','2026-11-23T00:01:30.120003Z','connected',0,'Q.850 19','later','{"cause":19,"sip":480,"dial_status":"","reason":3,"ringing":true,"progress":false,"answered":false,"connected":false,"agent_missed":false,"refused":false,"cancelled":false,"hung_up":true,"responded":true,"overslept":false,"rings_reported":true}');
CREATE TABLE audit_log (
	id INTEGER NOT NULL, 
	at VARCHAR(27) NOT NULL, 
	who TEXT NOT NULL, 
	role VARCHAR(24) NOT NULL, 
	what VARCHAR(120) NOT NULL, 
	target TEXT NOT NULL, 
	address TEXT NOT NULL, 
	details JSON NOT NULL, 
	CONSTRAINT pk_audit_log PRIMARY KEY (id)
);
INSERT INTO "audit_log" VALUES(1,'2026-11-23T00:00:01.120003Z','001','agent','sign_in','','10.0.0.1','{"a":1}');
CREATE TABLE board (
	id VARCHAR(240) NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	received_at VARCHAR(27) NOT NULL, 
	department TEXT NOT NULL, 
	account_manager TEXT NOT NULL, 
	body JSON NOT NULL, 
	acknowledged_at VARCHAR(27), 
	acknowledged_by TEXT NOT NULL, 
	CONSTRAINT pk_board PRIMARY KEY (id)
);
INSERT INTO "board" VALUES('a','unreached','2026-11-23T00:01:31.120003Z','城东营销部','李经理','{"text":"未接通"}',NULL,'');
INSERT INTO "board" VALUES('b','alarm','2026-11-23T00:01:32.120003Z','','','{"text":"断"}','2026-11-23T00:08:20.120003Z','002');
CREATE TABLE calendar (
	day DATE NOT NULL, 
	working BOOLEAN, 
	name TEXT NOT NULL, 
	source VARCHAR(16) NOT NULL, 
	CONSTRAINT pk_calendar PRIMARY KEY (day), 
	CONSTRAINT ck_calendar_source CHECK (source IN ('seed', 'edited'))
);
INSERT INTO "calendar" VALUES('2026-11-23',1,'调休','edited');
INSERT INTO "calendar" VALUES('2026-11-24',0,'国庆节','seed');
INSERT INTO "calendar" VALUES('2026-11-25',NULL,'','edited');
CREATE TABLE call_events (
	id INTEGER NOT NULL, 
	attempt VARCHAR(64) NOT NULL, 
	sign VARCHAR(24) NOT NULL, 
	at VARCHAR(27) NOT NULL, 
	cause INTEGER, 
	sip INTEGER, 
	status TEXT NOT NULL, 
	reason INTEGER, 
	text TEXT NOT NULL, 
	CONSTRAINT pk_call_events PRIMARY KEY (id), 
	CONSTRAINT ck_call_events_sign CHECK (sign IN ('ringing', 'progress', 'answered', 'agent_ringing', 'connected', 'agent_missed', 'dialled', 'responded', 'hung_up', 'refused', 'unsent'))
);
INSERT INTO "call_events" VALUES(1,'abc123-1-1-k3','hung_up','2026-11-23T00:01:30.120003Z',19,480,'',NULL,'');
INSERT INTO "call_events" VALUES(2,'abc123-10-1-k3','ringing','2026-11-23T00:01:02.120003Z',NULL,NULL,'',NULL,'');
INSERT INTO "call_events" VALUES(3,'abc123-10-1-k3','hung_up','2026-11-23T00:01:30.120003Z',1,404,'CHANUNAVAIL',0,'Unallocated');
CREATE TABLE facts (
	name VARCHAR(40) NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_facts PRIMARY KEY (name)
);
INSERT INTO "facts" VALUES('installation','t7bl9i');
CREATE TABLE flags (
	name VARCHAR(120) NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_flags PRIMARY KEY (name)
);
INSERT INTO "flags" VALUES('paused','停电');
CREATE TABLE history (
	id INTEGER NOT NULL, 
	at VARCHAR(27) NOT NULL, 
	what VARCHAR(40) NOT NULL, 
	day DATE, 
	visit BIGINT, 
	attempt VARCHAR(64), 
	agent VARCHAR(40), 
	"by" TEXT NOT NULL, 
	details JSON NOT NULL, 
	CONSTRAINT pk_history PRIMARY KEY (id)
);
INSERT INTO "history" VALUES(1,'2026-11-23T00:01:30.120003Z','attempt-ended','2026-11-23',1,'abc123-1-1-k3','A1','','{"处置":"no_answer"}');
INSERT INTO "history" VALUES(2,'2026-11-23T00:03:20.120003Z','visit.by_hand','2026-11-23',8,NULL,'003','主任','{"tries":2}');
CREATE TABLE marks (
	id INTEGER NOT NULL, 
	attempt VARCHAR(64) NOT NULL, 
	at VARCHAR(27) NOT NULL, 
	"by" TEXT NOT NULL, 
	text TEXT NOT NULL, 
	position_s FLOAT, 
	CONSTRAINT pk_marks PRIMARY KEY (id), 
	CONSTRAINT ck_marks_position CHECK (position_s >= 0), 
	CONSTRAINT fk_marks_attempt FOREIGN KEY(attempt) REFERENCES recordings (attempt)
);
INSERT INTO "marks" VALUES(1,'abc123-2-1-k3','2026-11-23T00:01:41.120003Z','主任','数量没有复述',61.5);
CREATE TABLE notices (
	id VARCHAR(240) NOT NULL, 
	kind VARCHAR(24) NOT NULL, 
	visit INTEGER, 
	created_at VARCHAR(27) NOT NULL, 
	body JSON NOT NULL, 
	state VARCHAR(24) NOT NULL, 
	tries INTEGER NOT NULL, 
	tried_at VARCHAR(27), 
	next_try_at VARCHAR(27), 
	last_error TEXT NOT NULL, 
	delivered_at VARCHAR(27), 
	CONSTRAINT pk_notices PRIMARY KEY (id), 
	CONSTRAINT ck_notices_next_try CHECK ((state = 'pending') = (next_try_at IS NOT NULL)), 
	CONSTRAINT fk_notices_visit FOREIGN KEY(visit) REFERENCES visits (id), 
	CONSTRAINT ck_notices_kind CHECK (kind IN ('unreached', 'invalid_number', 'out_of_time', 'late_start', 'feedback', 'alarm')), 
	CONSTRAINT ck_notices_state CHECK (state IN ('pending', 'delivered', 'dead'))
);
INSERT INTO "notices" VALUES('t7bl9i-unreached-1-1','unreached',1,'2026-11-23T00:01:30.120003Z','{"type":"visit.unreached","timestamp":"2026-11-23T00:01:30.120003Z","data":{"visit":1,"day":"2026-11-23","list":"城东","number":"13904700001","state":"unreached","round":1,"counted":1,"agent":"101","team":null,"result":null,"text":"","customer":{"code":"C00001","shop_name":"惠民烟酒店1号","person":"张三丰","address":"建设路12号","licence":"","category":"","settlement":"","quota":"","account_manager":"李经理","department":"城东营销部","phone":"13904700001","last_order":"","remarks":"","extra":[["备注 2","“引号”, 逗号"],["备注 2",""]]},"attempts":[{"id":"abc123-1-1-k3","seq":1,"round":1,"number":"13904700001","agent":"A1","placed_at":"2026-11-23T00:01:00.120003Z","ringing_at":"2026-11-23T00:01:02.120003Z","answered_at":null,"connected_at":null,"ended_at":"2026-11-23T00:01:30.120003Z","disposition":"no_answer","counts":true,"result":null}]}}','pending',0,NULL,'2026-11-23T00:01:30.120003Z','',NULL);
INSERT INTO "notices" VALUES('t7bl9i-invalid-10-1','invalid_number',10,'2026-11-23T00:01:30.120003Z','{"type":"visit.invalid_number","timestamp":"2026-11-23T00:01:30.120003Z","data":{"visit":10,"day":"2026-11-23","list":"城东","number":"13904700010","state":"invalid_number","round":1,"counted":0,"agent":"101","team":null,"result":null,"text":"","customer":{"code":"C00010","shop_name":"惠民烟酒店10号","person":"张三丰","address":"建设路12号","licence":"","category":"","settlement":"","quota":"","account_manager":"李经理","department":"城东营销部","phone":"13904700010","last_order":"","remarks":"","extra":[["备注 2","“引号”, 逗号"],["备注 2",""]]},"attempts":[{"id":"abc123-10-1-k3","seq":1,"round":1,"number":"13904700010","agent":"A10","placed_at":"2026-11-23T00:01:00.120003Z","ringing_at":"2026-11-23T00:01:02.120003Z","answered_at":null,"connected_at":null,"ended_at":"2026-11-23T00:01:30.120003Z","disposition":"invalid_number","counts":false,"result":null}]}}','delivered',1,'2026-11-23T00:06:40.120003Z',NULL,'','2026-11-23T00:06:40.120003Z');
INSERT INTO "notices" VALUES('t7bl9i-late-1','late_start',NULL,'2026-11-23T00:01:31.120003Z','{"type":"day.late_start","timestamp":"2026-11-23T00:01:31.120003Z","data":{"text":"迟","department":"城东营销部"}}','pending',1,'2026-11-23T00:06:40.120003Z','2026-11-23T00:08:20.120003Z','timeout',NULL);
INSERT INTO "notices" VALUES('t7bl9i-alarm-1','alarm',NULL,'2026-11-23T00:01:32.120003Z','{"type":"alarm.raised","timestamp":"2026-11-23T00:01:32.120003Z","data":{"text":"断","key":"link"}}','dead',1,'2026-11-23T00:06:40.120003Z',NULL,'503',NULL);
CREATE TABLE orders (
	number VARCHAR(80) NOT NULL, 
	customer TEXT NOT NULL, 
	at VARCHAR(27) NOT NULL, 
	source VARCHAR(24) NOT NULL, 
	attempt VARCHAR(64), 
	open_question TEXT NOT NULL, 
	candidates JSON NOT NULL, 
	quantity TEXT NOT NULL, 
	amount TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	CONSTRAINT pk_orders PRIMARY KEY (number), 
	CONSTRAINT fk_orders_attempt FOREIGN KEY(attempt) REFERENCES attempts (id)
);
INSERT INTO "orders" VALUES('N1','C00002','2026-11-23T00:01:35.120003Z','agent','abc123-2-1-k3','','[]','','','A2');
INSERT INTO "orders" VALUES('N10','C00011','2026-11-23T00:05:00.120003Z','order-system',NULL,'which call?','["abc123-11-1-k3","abc123-2-1-k3"]','3 条','450.00','');
CREATE TABLE recordings (
	attempt VARCHAR(64) NOT NULL, 
	placed_at VARCHAR(27) NOT NULL, 
	state VARCHAR(24) NOT NULL, 
	taken_in_at VARCHAR(27) NOT NULL, 
	path TEXT NOT NULL, 
	size BIGINT NOT NULL, 
	duration_s FLOAT NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	channels INTEGER NOT NULL, 
	level_agent FLOAT, 
	level_customer FLOAT, 
	faults JSON NOT NULL, 
	hold BOOLEAN NOT NULL, 
	hold_reason TEXT NOT NULL, 
	deleted_at VARCHAR(27), 
	CONSTRAINT pk_recordings PRIMARY KEY (attempt), 
	CONSTRAINT fk_recordings_attempt FOREIGN KEY(attempt) REFERENCES attempts (id), 
	CONSTRAINT ck_recordings_state CHECK (state IN ('kept', 'faulty', 'missing', 'deleted'))
);
INSERT INTO "recordings" VALUES('abc123-2-1-k3','2026-11-23T00:01:00.120003Z','kept','2026-11-23T00:01:39.120003Z','2026/11/23/x.wav',9,75.0,'',1,NULL,NULL,'[]',0,'',NULL);
INSERT INTO "recordings" VALUES('abc123-11-1-k3','2026-11-23T00:01:00.120003Z','faulty','2026-11-23T00:05:00.120003Z','2026/11/23/y.wav',44,1.5,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',2,-20.5,NULL,'["silent"]',1,'投诉',NULL);
CREATE TABLE recordings_due (
	attempt VARCHAR(64) NOT NULL, 
	ended_at VARCHAR(27) NOT NULL, 
	CONSTRAINT pk_recordings_due PRIMARY KEY (attempt), 
	CONSTRAINT fk_recordings_due_attempt FOREIGN KEY(attempt) REFERENCES attempts (id)
);
INSERT INTO "recordings_due" VALUES('abc123-4-1-k3','2026-11-23T00:01:30.120003Z');
CREATE TABLE remarks (
	attempt VARCHAR(64) NOT NULL, 
	text TEXT NOT NULL, 
	"by" VARCHAR(40) NOT NULL, 
	at VARCHAR(27) NOT NULL, 
	CONSTRAINT pk_remarks PRIMARY KEY (attempt), 
	CONSTRAINT fk_remarks_attempt FOREIGN KEY(attempt) REFERENCES attempts (id)
);
INSERT INTO "remarks" VALUES('abc123-2-1-k3','下午送','001','2026-11-23T00:01:10.120003Z');
CREATE TABLE sessions (
	digest VARCHAR(64) NOT NULL, 
	staff VARCHAR(32) NOT NULL, 
	created_at VARCHAR(27) NOT NULL, 
	last_seen VARCHAR(27) NOT NULL, 
	expires_at VARCHAR(27) NOT NULL, 
	address TEXT NOT NULL, 
	user_agent TEXT NOT NULL, 
	revoked_at VARCHAR(27), 
	CONSTRAINT pk_sessions PRIMARY KEY (digest), 
	CONSTRAINT fk_sessions_staff FOREIGN KEY(staff) REFERENCES staff (number)
);
INSERT INTO "sessions" VALUES('eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee','001','2026-11-23T00:00:00.120003Z','2026-11-23T00:00:01.120003Z','2026-11-23T08:00:01.120003Z','10.0.0.1','Firefox',NULL);
CREATE TABLE sign_in_tries (
	id INTEGER NOT NULL, 
	"key" VARCHAR(120) NOT NULL, 
	at VARCHAR(27) NOT NULL, 
	CONSTRAINT pk_sign_in_tries PRIMARY KEY (id)
);
INSERT INTO "sign_in_tries" VALUES(1,'account:001','2026-11-23T00:00:01.120003Z');
CREATE TABLE staff (
	number VARCHAR(32) NOT NULL, 
	name TEXT NOT NULL, 
	role VARCHAR(24) NOT NULL, 
	password TEXT NOT NULL, 
	created_at VARCHAR(27) NOT NULL, 
	password_changed_at VARCHAR(27) NOT NULL, 
	team TEXT, 
	language VARCHAR(2) NOT NULL, 
	recordings BOOLEAN NOT NULL, 
	disabled BOOLEAN NOT NULL, 
	must_change BOOLEAN NOT NULL, 
	CONSTRAINT pk_staff PRIMARY KEY (number), 
	CONSTRAINT ck_staff_role CHECK (role IN ('agent', 'team_leader', 'supervisor', 'administrator'))
);
INSERT INTO "staff" VALUES('001','王芳','agent','$argon2id$made-up','2026-11-23T00:00:00.120003Z','2026-11-23T00:00:00.120003Z',NULL,'',0,0,0);
INSERT INTO "staff" VALUES('002','主任','team_leader','$argon2id$made-up-2','2026-11-23T00:00:00.120003Z','2026-11-23T00:00:05.120003Z','A','en',1,1,1);
CREATE TABLE tokens (
	digest VARCHAR(64) NOT NULL, 
	name VARCHAR(120) NOT NULL, 
	scopes JSON NOT NULL, 
	created_at VARCHAR(27) NOT NULL, 
	revoked_at VARCHAR(27), 
	CONSTRAINT pk_tokens PRIMARY KEY (digest)
);
INSERT INTO "tokens" VALUES('dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd','order-system','["orders"]','2026-11-23T00:00:01.120003Z',NULL);
INSERT INTO "tokens" VALUES('cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc','old','["read","write"]','2026-11-23T00:00:02.120003Z','2026-11-23T00:00:03.120003Z');
CREATE TABLE visits (
	id INTEGER NOT NULL, 
	day DATE NOT NULL, 
	list_name TEXT NOT NULL, 
	customer TEXT NOT NULL, 
	number VARCHAR(40) NOT NULL, 
	"order" INTEGER NOT NULL, 
	agent VARCHAR(40), 
	team TEXT, 
	state VARCHAR(24) NOT NULL, 
	due VARCHAR(27), 
	promised VARCHAR(27), 
	first BOOLEAN NOT NULL, 
	round INTEGER NOT NULL, 
	counted INTEGER NOT NULL, 
	attempts INTEGER NOT NULL, 
	failures INTEGER NOT NULL, 
	attempt VARCHAR(64), 
	ended_at VARCHAR(27), 
	last VARCHAR(24) NOT NULL, 
	result VARCHAR(24), 
	shared BOOLEAN NOT NULL, 
	doubtful BOOLEAN NOT NULL, 
	reason TEXT NOT NULL, 
	shop_name TEXT NOT NULL, 
	person TEXT NOT NULL, 
	address TEXT NOT NULL, 
	licence TEXT NOT NULL, 
	category TEXT NOT NULL, 
	settlement TEXT NOT NULL, 
	quota TEXT NOT NULL, 
	account_manager TEXT NOT NULL, 
	department TEXT NOT NULL, 
	phone TEXT NOT NULL, 
	last_order TEXT NOT NULL, 
	remarks TEXT NOT NULL, 
	extra JSON NOT NULL, hand JSON, 
	CONSTRAINT pk_visits PRIMARY KEY (id), 
	CONSTRAINT ck_visits_calling CHECK (state <> 'calling' OR attempt IS NOT NULL), 
	CONSTRAINT ck_visits_counted CHECK (counted <= attempts), 
	CONSTRAINT ck_visits_numbers CHECK (round >= 1 AND counted >= 0 AND failures >= 0), 
	CONSTRAINT ck_visits_state CHECK (state IN ('waiting', 'calling', 'reached', 'unreached', 'invalid_number', 'withdrawn', 'out_of_time')), 
	CONSTRAINT ck_visits_result CHECK (result IN ('ordered', 'not_needed', 'later', 'wrong_number', 'refused', 'not_understood', 'feedback'))
);
INSERT INTO "visits" VALUES(1,'2026-11-23','城东','C00001','13904700001',1,'101',NULL,'unreached',NULL,NULL,0,1,1,1,0,NULL,'2026-11-23T00:01:30.120003Z','no_answer',NULL,0,0,'','惠民烟酒店1号','张三丰','建设路12号','','','','','李经理','城东营销部','13904700001','','','[["备注 2","“引号”, 逗号"],["备注 2",""]]',NULL);
INSERT INTO "visits" VALUES(2,'2026-11-23','城东','C00002','13904700002',2,'101',NULL,'reached',NULL,NULL,0,1,0,1,0,NULL,'2026-11-23T00:01:30.120003Z','connected',NULL,0,0,'','惠民烟酒店2号','张三丰','建设路12号','','','','','李经理','城东营销部','13904700002','','','[["备注 2","“引号”, 逗号"],["备注 2",""]]',NULL);
INSERT INTO "visits" VALUES(3,'2026-11-23','城东','C00003','13904700003',3,'101',NULL,'calling',NULL,NULL,0,1,0,1,0,'abc123-3-1-k3',NULL,'',NULL,0,0,'','惠民烟酒店3号','张三丰','建设路12号','','','','','李经理','城东营销部','13904700003','','','[["备注 2","“引号”, 逗号"],["备注 2",""]]',NULL);
INSERT INTO "visits" VALUES(4,'2026-11-23','城东','C00004','13904700004',4,'101',NULL,'calling',NULL,NULL,0,1,0,1,1,'abc123-4-1-k3',NULL,'',NULL,0,0,'','惠民烟酒店4号','张三丰','建设路12号','','','','','李经理','城东营销部','13904700004','','','[["备注 2","“引号”, 逗号"],["备注 2",""]]',NULL);
INSERT INTO "visits" VALUES(5,'2026-11-23','城东','C00005','13904700005',5,'101',NULL,'waiting',NULL,NULL,0,1,0,0,0,NULL,NULL,'',NULL,0,0,'','惠民烟酒店5号','张三丰','建设路12号','','','','','李经理','城东营销部','13904700005','','','[["备注 2","“引号”, 逗号"],["备注 2",""]]',NULL);
INSERT INTO "visits" VALUES(6,'2026-11-23','城东','C00006','13904700006',6,'101',NULL,'waiting',NULL,NULL,0,1,0,0,0,NULL,NULL,'',NULL,0,0,'','惠民烟酒店6号','张三丰','建设路12号','','','','','李经理','城东营销部','13904700006','','','[["备注 2","“引号”, 逗号"],["备注 2",""]]',NULL);
INSERT INTO "visits" VALUES(7,'2026-11-23','城东','C00007','13904700007',7,'101',NULL,'waiting',NULL,NULL,0,1,0,0,0,NULL,NULL,'',NULL,0,0,'','惠民烟酒店7号','张三丰','建设路12号','','','','','李经理','城东营销部','13904700007','','','[["备注 2","“引号”, 逗号"],["备注 2",""]]',NULL);
INSERT INTO "visits" VALUES(8,'2026-11-23','城东','C00008','13904700008',8,'101',NULL,'reached',NULL,NULL,0,1,0,0,0,NULL,'2026-11-23T00:03:20.120003Z','by_hand','ordered',0,0,'','惠民烟酒店8号','张三丰','建设路12号','','','','','李经理','城东营销部','13904700008','','','[["备注 2","“引号”, 逗号"],["备注 2",""]]','{"who":"003","at":"2026-11-23T00:03:20.120003Z","tries":2,"result":"ordered","text":"手机打通","order":"N9","promised":"2026-11-23T02:30:00.120003Z","entered_by":"主任","found_wrong":false}');
INSERT INTO "visits" VALUES(9,'2026-11-23','城东','C00009','13904700009',9,'101',NULL,'withdrawn',NULL,NULL,0,1,0,0,0,NULL,'2026-11-23T00:03:21.120003Z','',NULL,0,0,'网上订货','惠民烟酒店9号','张三丰','建设路12号','','','','','李经理','城东营销部','13904700009','','','[["备注 2","“引号”, 逗号"],["备注 2",""]]',NULL);
INSERT INTO "visits" VALUES(10,'2026-11-23','城东','C00010','13904700010',10,'101',NULL,'invalid_number',NULL,NULL,0,1,0,1,0,NULL,'2026-11-23T00:01:30.120003Z','invalid_number',NULL,0,0,'','惠民烟酒店10号','张三丰','建设路12号','','','','','李经理','城东营销部','13904700010','','','[["备注 2","“引号”, 逗号"],["备注 2",""]]',NULL);
INSERT INTO "visits" VALUES(11,'2026-11-23','城东','C00011','13904700011',11,'101','A','reached',NULL,'2026-11-23T01:56:40.120003Z',0,1,0,1,0,NULL,'2026-11-23T00:01:30.120003Z','connected',NULL,1,1,'','惠民烟酒店11号','张三丰','建设路12号','','','','','李经理','城东营销部','13904700011','','','[["备注 2","“引号”, 逗号"],["备注 2",""]]',NULL);
INSERT INTO "visits" VALUES(12,'2026-11-23','城东','C00012','13904700012',12,'101',NULL,'waiting',NULL,NULL,0,1,0,0,0,NULL,NULL,'',NULL,0,0,'','惠民烟酒店12号','张三丰','建设路12号','','','','','李经理','城东营销部','13904700012','','','[["备注 2","“引号”, 逗号"],["备注 2",""]]',NULL);
CREATE INDEX ix_visits_customer ON visits (customer, day);
CREATE INDEX ix_visits_list ON visits (day, list_name, "order");
CREATE INDEX ix_visits_number ON visits (number, day);
CREATE INDEX ix_visits_unfinished ON visits (day) WHERE state IN ('waiting', 'calling');
CREATE INDEX ix_attempts_agent ON attempts (agent, placed_at);
CREATE INDEX ix_attempts_customer ON attempts (customer, placed_at);
CREATE INDEX ix_attempts_day ON attempts (day, placed_at);
CREATE INDEX ix_attempts_disposition ON attempts (disposition, placed_at);
CREATE INDEX ix_attempts_ended ON attempts (ended_at, number);
CREATE INDEX ix_attempts_number ON attempts (number, placed_at);
CREATE INDEX ix_attempts_time ON attempts (placed_at, id);
CREATE UNIQUE INDEX uq_attempts_live_agent ON attempts (agent) WHERE state != 'ended' AND agent != '';
CREATE UNIQUE INDEX uq_attempts_live_customer ON attempts (customer, day) WHERE state != 'ended';
CREATE UNIQUE INDEX uq_attempts_live_number ON attempts (number) WHERE state != 'ended';
CREATE UNIQUE INDEX uq_attempts_live_visit ON attempts (visit) WHERE state != 'ended';
CREATE INDEX ix_call_events_attempt ON call_events (attempt);
CREATE INDEX ix_history_at ON history (at);
CREATE INDEX ix_history_visit ON history (visit);
CREATE UNIQUE INDEX uq_alarms_open ON alarms ("key") WHERE cleared_at IS NULL;
CREATE INDEX ix_orders_attempt ON orders (attempt);
CREATE INDEX ix_orders_customer ON orders (customer, at);
CREATE INDEX ix_orders_open ON orders (at) WHERE attempt IS NULL OR open_question != '';
CREATE INDEX ix_recordings_playable ON recordings (placed_at) WHERE state IN ('kept', 'faulty');
CREATE INDEX ix_recordings_due_ended ON recordings_due (ended_at);
CREATE INDEX ix_accesses_at ON accesses (at);
CREATE INDEX ix_accesses_attempt ON accesses (attempt);
CREATE INDEX ix_notices_created ON notices (created_at);
CREATE INDEX ix_notices_due ON notices (next_try_at) WHERE state = 'pending';
CREATE INDEX ix_notices_state ON notices (state, created_at);
CREATE INDEX ix_notices_visit ON notices (visit);
CREATE INDEX ix_board_account_manager ON board (account_manager, received_at);
CREATE INDEX ix_board_department ON board (department, received_at);
CREATE INDEX ix_board_received ON board (received_at);
CREATE UNIQUE INDEX uq_tokens_name ON tokens (name) WHERE revoked_at IS NULL;
CREATE TRIGGER history_no_update BEFORE UPDATE ON history FOR EACH ROW  BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER history_no_delete BEFORE DELETE ON history FOR EACH ROW  BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER call_events_no_update BEFORE UPDATE ON call_events FOR EACH ROW  BEGIN SELECT RAISE(ABORT, 'call_events is append-only'); END;
CREATE TRIGGER call_events_no_delete BEFORE DELETE ON call_events FOR EACH ROW  BEGIN SELECT RAISE(ABORT, 'call_events is append-only'); END;
CREATE TRIGGER accesses_no_update BEFORE UPDATE ON accesses FOR EACH ROW  BEGIN SELECT RAISE(ABORT, 'accesses is append-only'); END;
CREATE TRIGGER accesses_no_delete BEFORE DELETE ON accesses FOR EACH ROW  BEGIN SELECT RAISE(ABORT, 'accesses is append-only'); END;
CREATE TRIGGER attempts_no_delete BEFORE DELETE ON attempts FOR EACH ROW  BEGIN SELECT RAISE(ABORT, 'attempts are never deleted'); END;
CREATE TRIGGER attempts_identity BEFORE UPDATE OF id, visit, day, seq, round, customer, number, trunk, agent, placed_at ON attempts FOR EACH ROW  BEGIN SELECT RAISE(ABORT, 'an attempt stays the call that it is'); END;
CREATE TRIGGER attempts_ended BEFORE UPDATE OF state, ringing_at, answered_at, connected_at, ended_at, disposition, counts, source, evidence ON attempts FOR EACH ROW WHEN (OLD.state = 'ended') BEGIN SELECT RAISE(ABORT, 'an ended attempt never changes but for its result'); END;
CREATE INDEX ix_sessions_staff ON sessions (staff, last_seen);
CREATE INDEX ix_sessions_seen ON sessions (last_seen);
CREATE INDEX ix_sign_in_tries_key ON sign_in_tries ("key", at);
CREATE INDEX ix_sign_in_tries_at ON sign_in_tries (at);
CREATE INDEX ix_audit_log_at ON audit_log (at);
CREATE INDEX ix_audit_log_who ON audit_log (who, at);
CREATE INDEX ix_audit_log_target ON audit_log (target, at);
CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END;
CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END;
CREATE INDEX ix_marks_attempt ON marks (attempt);
CREATE INDEX ix_board_open ON board (department, account_manager) WHERE acknowledged_at IS NULL;
COMMIT;
