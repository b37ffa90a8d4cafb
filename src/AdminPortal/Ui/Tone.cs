namespace AdminPortal.Ui;

/// <summary>How a thing is meant; it is always said in words and by an icon as well.</summary>
public enum Tone
{
    Neutral,
    Info,
    Good,
    Warning,
    Bad,
}
