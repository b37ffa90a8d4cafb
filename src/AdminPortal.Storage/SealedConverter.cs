using AdminPortal.Domain.Secrets;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace AdminPortal.Storage;

/// <summary>Stores a sealed value's ciphertext as it is: reading a row opens nothing, so one bad row harms no list.</summary>
internal sealed class SealedConverter() : ValueConverter<Sealed, string>(value => value.Ciphertext, text => new Sealed(text));
