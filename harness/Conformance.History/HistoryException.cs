namespace Conformance.History;

/// <summary>A history that can't be used, or a report that does not belong in it: one line, with the file and what to do.</summary>
public sealed class HistoryException(string message, Exception? inner = null) : Exception(message, inner);
