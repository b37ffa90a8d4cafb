namespace AdminPortal.Commands;

/// <summary>The agreement to a command that cannot be undone: <c>--yes</c>, or a word typed at the terminal.</summary>
/// <param name="isGiven">True for <c>--yes</c>.</param>
/// <param name="word">The word to type.</param>
internal sealed class TypedAgreement(bool isGiven, string word)
{
    // Kept, so that a command that is repeated after a lock does not ask again.
    private bool _isGiven = isGiven;

    /// <summary>True if there is no agreement and no terminal to ask for it.</summary>
    public bool IsImpossible => !_isGiven && Console.IsInputRedirected;

    /// <summary>Asks, unless the agreement is given already.</summary>
    public async Task<bool> AskAsync()
    {
        if (_isGiven) return true;
        await Console.Out.WriteAsync($"Type \"{word}\" to go on: ");
        return _isGiven = Console.ReadLine()?.Trim() == word;
    }
}
