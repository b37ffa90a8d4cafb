namespace AdminPortal.Ui;

/// <summary>One bar of a <see cref="Sparkline"/>.</summary>
/// <param name="Height">From 0 to 1.</param>
/// <param name="Tone">How it is meant; the height says it as well.</param>
/// <param name="Title">What it stands for.</param>
public sealed record SparklineBar(double Height, Tone Tone, string Title);
