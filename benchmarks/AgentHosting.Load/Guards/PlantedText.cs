namespace AgentHosting.Load.Guards;

/// <summary>A text with a sensitive value in it.</summary>
/// <param name="Text">The text.</param>
/// <param name="Value">The value.</param>
/// <param name="Kind">What it is.</param>
internal sealed record PlantedText(string Text, string Value, string Kind);
