"""The page of the Lab, section by section; the Lab itself is `breeder.lab`."""
