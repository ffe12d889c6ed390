"""`normalize --out`: a whole file to a whole file, on all cores, in bounded memory, in parts that outlive a kill.

command      the options, and where they lead
job          one run, from the first check to the last rename
file_types   what a file's name says: its format, and its compression
rows         what every format has: an input cut into parts, and an output put together from them
text_rows, csv_rows, json_rows, parquet_rows
             the formats: one process reads the parts, others write them again with other URIs
columns      which column has the URIs
normal       the normal forms of the URIs of a part, and which are refused
rejects      the refused rows as a file of their own
streams      bytes in and out, compressed or not
workers      processes that each do a part at a time
part_files   the parts that are done, in a folder beside the output
outputs      a file that takes its place when it is whole
progress     a bar on a terminal
failures     how a run fails: one line, and an exit code
"""
