namespace AdminPortal.Sandbox.Tenancy;

/// <summary>
/// SplitMix64: a fast sequence that is the same on every version of .NET, which System.Random does not promise. For made-up instances
/// only; nothing that it draws guards anything.
/// </summary>
internal struct SeededNumbers(long seed)
{
    private const string LowerCaseAndDigits = "abcdefghijklmnopqrstuvwxyz0123456789";

    private ulong _state = unchecked((ulong)seed);

    /// <returns>From zero to one less than the limit.</returns>
    public int Below(int limit) => (int)(Next() % (ulong)limit);

    public string Alphanumeric(int length)
    {
        Span<char> text = stackalloc char[length];
        for (var i = 0; i < length; i++)
            text[i] = LowerCaseAndDigits[Below(LowerCaseAndDigits.Length)];
        return new string(text);
    }

    /// <summary>44 characters of base64, as element tokens look.</summary>
    public string Token()
    {
        Span<byte> bytes = stackalloc byte[32];
        for (var i = 0; i < bytes.Length; i += sizeof(ulong))
            BitConverter.TryWriteBytes(bytes[i..], Next());
        return Convert.ToBase64String(bytes);
    }

    private ulong Next()
    {
        unchecked
        {
            _state += 0x9E3779B97F4A7C15;
            var mixed = _state;
            mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            return mixed ^ (mixed >> 31);
        }
    }
}
