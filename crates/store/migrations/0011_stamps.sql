-- What a slice's packed people and columns are, in one number made from their bytes: days that the program remembers are held
-- against it. Null: the slice was written before there were stamps, and has not been written since.
alter table slice_rollups add column stamp {int};
