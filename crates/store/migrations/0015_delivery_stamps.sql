-- What a slice tells of delivery, in one number made from it: days that the program remembers are held against it. Null: the
-- slice was written before there were such stamps, and has not been written since.
alter table slices add column stamp {int};
