-- The files that documents were read of, each once; one goes with the last document of its digest.
CREATE TABLE originals (
    sha256 text COLLATE "C" PRIMARY KEY,
    size bigint NOT NULL,
    data bytea NOT NULL
);
ALTER TABLE originals ALTER COLUMN data SET STORAGE EXTERNAL;

CREATE FUNCTION drop_original() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM documents WHERE sha256 = OLD.sha256) THEN
        DELETE FROM originals WHERE sha256 = OLD.sha256;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER original_of_removed AFTER DELETE ON documents
    FOR EACH ROW EXECUTE FUNCTION drop_original();
CREATE TRIGGER original_of_replaced AFTER UPDATE OF sha256 ON documents
    FOR EACH ROW EXECUTE FUNCTION drop_original();
