"""From SR and HR pictures to scores, statistics and tables; knows arrays, no network."""
