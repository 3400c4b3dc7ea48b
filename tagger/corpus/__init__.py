"""The authored corpus: reading it, checking that its texts vary and that nothing but their content gives their codes away."""
