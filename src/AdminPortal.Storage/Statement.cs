using System.Data.Common;

namespace AdminPortal.Storage;

/// <summary>A statement and its parameters: whatever a person typed is a parameter, never text.</summary>
internal sealed class Statement
{
    private readonly List<object> _values = [];

    public string Text { get; set; } = "";

    /// <summary>The parameters in their order; the first is named <c>$p0</c>.</summary>
    public IReadOnlyList<object> Values => _values;

    /// <summary>Adds a parameter; the answer is its name.</summary>
    public string Add(object value)
    {
        _values.Add(value);
        return $"$p{_values.Count - 1}";
    }

    public void CopyTo(DbCommand command)
    {
#pragma warning disable CA2100 // Callers put it together from their own words and parameter names only.
        command.CommandText = Text;
#pragma warning restore CA2100
        for (var position = 0; position < _values.Count; position++)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = $"$p{position}";
            parameter.Value = _values[position];
            command.Parameters.Add(parameter);
        }
    }
}
