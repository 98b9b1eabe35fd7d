"""What the field computes, whatever the stage: expressions of branches, and the trees of jets."""
