-- What servers over this database share: the keys that they ask for, and how often each has asked.
CREATE TABLE keys (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE,
    name text COLLATE "C" NOT NULL,
    role text NOT NULL,
    collections text,
    created_at text NOT NULL,
    expires_at text,
    revoked_at text,
    hash text NOT NULL
);
CREATE UNIQUE INDEX held_names ON keys (name) WHERE revoked_at IS NULL;

-- Requests in the present span of so many seconds, counted since 1970, and in the one before. Nothing
-- is lost with it that a minute would not bring back, so that it is not worth a place in the log.
CREATE UNLOGGED TABLE rates (
    who text COLLATE "C" NOT NULL,
    span bigint NOT NULL,
    present bigint NOT NULL,
    requests bigint NOT NULL,
    before bigint NOT NULL,
    PRIMARY KEY (who, span)
) WITH (fillfactor = 50);
