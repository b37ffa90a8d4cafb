namespace AdminPortal.Provisioning.SingleSignOn;

/// <summary>What the authority gave for a code.</summary>
internal abstract record TokenAnswer
{
    private TokenAnswer()
    {
    }

    /// <summary>Tokens: they are looked at once and never kept.</summary>
    public sealed record Given(string IdToken, string? AccessToken) : TokenAnswer
    {
        /// <summary>Never prints them.</summary>
        public override string ToString() => nameof(Given);
    }

    /// <summary>Nothing.</summary>
    /// <param name="Why">Why.</param>
    /// <param name="Words">What the authority says to it, cleaned; null for nothing.</param>
    public sealed record Refused(SingleSignOnRefusal Why, string? Words) : TokenAnswer;
}
